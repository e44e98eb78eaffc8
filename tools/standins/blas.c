/* What NumPy asks of OpenBLAS, in 10 KB instead of 28 MB: for MNIST Desktop Reader.

   OpenBLAS is large because it brings kernels for every processor. The Reader's networks are
   computed by LiteRT; NumPy multiplies a few small matrices there and inverts matplotlib's 3x3.
   These are plain loops with the names and arguments of CBLAS and LAPACK as NumPy's wheels call
   them: 64-bit integers, a prefix and a suffix. What decomposes matrices (eigenvalues, singular
   values, least squares) is not done: it fails, and NumPy raises LinAlgError.

   numpy/_core/src/umath/matmul.c.src, numpy/linalg/umath_linalg.cpp: the callers.
   https://netlib.org/lapack/explore-html: what the arguments mean. */

#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t integer;

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, CONJUGATE_TRANSPOSE = 113, UPPER = 121 };

#define CBLAS_(letter, name) scipy_cblas_##letter##name##64_
#define CBLAS(letter, name) CBLAS_(letter, name)
#define LAPACK_(letter, name) scipy_##letter##name##_64_
#define LAPACK(letter, name) LAPACK_(letter, name)

/* Where element `place` of a vector lies; with a negative step it is gone through backwards. */
static inline integer at(integer place, integer count, integer step)
{
    return step >= 0 ? place * step : (place - count + 1) * step;
}

/* NumPy first asks how much memory is needed, by a length of -1: as little as can be said. */
#define NO_DECOMPOSITION(work, length, info) \
    do { \
        if (*(length) == -1) \
            *(work) = 1; \
        *(info) = *(length) == -1 ? 0 : 1; \
    } while (0)

#define TYPE float
#define REAL float
#define LETTER s
#define SIZE fabsf
#define CONJ(x) (x)
#define SCALAR TYPE
#define VALUE(x) (x)
#include "blas_of_type.h"

#define TYPE double
#define REAL double
#define LETTER d
#define SIZE fabs
#define CONJ(x) (x)
#define SCALAR TYPE
#define VALUE(x) (x)
#include "blas_of_type.h"

#define IS_COMPLEX

#define TYPE float complex
#define REAL float
#define LETTER c
#define SIZE cabsf
#define CONJ(x) conjf(x)
#define SCALAR const void *
#define VALUE(x) (*(const float complex *)(x))
#include "blas_of_type.h"

#define TYPE double complex
#define REAL double
#define LETTER z
#define SIZE cabs
#define CONJ(x) conj(x)
#define SCALAR const void *
#define VALUE(x) (*(const double complex *)(x))
#include "blas_of_type.h"
