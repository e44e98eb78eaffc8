"""Good settings found by trying many, on one machine or on several, with Optuna."""
