/* The functions of blas.c for one type of number, which defines TYPE and the other names. */

#define FUNCTION_(letter, name) letter##_##name
#define FUNCTION(letter, name) FUNCTION_(letter, name)

/* Matrices are gone through by steps, so that a transposed one is only another view. */
typedef struct {
    const TYPE *start;
    integer down, right;
    int is_conjugate;
} FUNCTION(LETTER, view);

static FUNCTION(LETTER, view) FUNCTION(LETTER, as_view)(
    int order, int transpose, const TYPE *start, integer stride)
{
    int is_upright = (order == ROW_MAJOR) == (transpose == NO_TRANSPOSE);
    FUNCTION(LETTER, view) made = {
        start, is_upright ? stride : 1, is_upright ? 1 : stride, transpose == CONJUGATE_TRANSPOSE};
    return made;
}

static inline TYPE FUNCTION(LETTER, of)(FUNCTION(LETTER, view) view, integer row, integer column)
{
    TYPE value = view.start[row * view.down + column * view.right];
    return view.is_conjugate ? CONJ(value) : value;
}

/* Multiplies row by row; the innermost loop goes through memory without gaps where it can. */
static void FUNCTION(LETTER, multiply)(
    integer rows, integer columns, integer inner, TYPE alpha, FUNCTION(LETTER, view) a,
    FUNCTION(LETTER, view) b, TYPE beta, TYPE *c, integer down, integer right)
{
    for (integer row = 0; row < rows; row++) {
        TYPE *line = c + row * down;
        for (integer column = 0; column < columns; column++)
            line[column * right] = beta == 0 ? 0 : beta * line[column * right];
        if (b.right == 1 && right == 1 && !b.is_conjugate) {
            for (integer k = 0; k < inner; k++) {
                TYPE factor = alpha * FUNCTION(LETTER, of)(a, row, k);
                const TYPE *other = b.start + k * b.down;
                for (integer column = 0; column < columns; column++)
                    line[column] += factor * other[column];
            }
            continue;
        }
        for (integer column = 0; column < columns; column++) {
            TYPE sum = 0;
            if (a.right == 1 && b.down == 1 && !a.is_conjugate && !b.is_conjugate) {
                const TYPE *one = a.start + row * a.down, *other = b.start + column * b.right;
#ifndef IS_COMPLEX
#pragma omp simd reduction(+ : sum)
#endif
                for (integer k = 0; k < inner; k++)
                    sum += one[k] * other[k];
            } else {
                for (integer k = 0; k < inner; k++)
                    sum += FUNCTION(LETTER, of)(a, row, k) * FUNCTION(LETTER, of)(b, k, column);
            }
            line[column * right] += alpha * sum;
        }
    }
}

EXPORT void CBLAS(LETTER, gemm)(
    int order, int transpose_a, int transpose_b, integer rows, integer columns, integer inner,
    SCALAR alpha, const TYPE *a, integer stride_a, const TYPE *b, integer stride_b, SCALAR beta,
    TYPE *c, integer stride_c)
{
    int is_rows = order == ROW_MAJOR;
    FUNCTION(LETTER, multiply)(
        rows, columns, inner, VALUE(alpha),
        FUNCTION(LETTER, as_view)(order, transpose_a, a, stride_a),
        FUNCTION(LETTER, as_view)(order, transpose_b, b, stride_b), VALUE(beta), c,
        is_rows ? stride_c : 1, is_rows ? 1 : stride_c);
}

EXPORT void CBLAS(LETTER, gemv)(
    int order, int transpose, integer rows, integer columns, SCALAR alpha, const TYPE *a,
    integer stride, const TYPE *x, integer step_x, SCALAR beta, TYPE *y, integer step_y)
{
    FUNCTION(LETTER, view) matrix = FUNCTION(LETTER, as_view)(order, transpose, a, stride);
    integer out = transpose == NO_TRANSPOSE ? rows : columns;
    integer in = transpose == NO_TRANSPOSE ? columns : rows;
    FUNCTION(LETTER, view) vector = {x + at(0, in, step_x), step_x, 1, 0};
    FUNCTION(LETTER, multiply)(
        out, 1, in, VALUE(alpha), matrix, vector, VALUE(beta), y + at(0, out, step_y), step_y, 1);
}

EXPORT void CBLAS(LETTER, syrk)(
    int order, int part, int transpose, integer side, integer inner, SCALAR alpha, const TYPE *a,
    integer stride_a, SCALAR beta, TYPE *c, integer stride_c)
{
    FUNCTION(LETTER, view) view = FUNCTION(LETTER, as_view)(order, transpose, a, stride_a);
    int is_right = (part == UPPER) == (order == ROW_MAJOR);
    for (integer row = 0; row < side; row++)
        for (integer column = is_right ? row : 0; column < (is_right ? side : row + 1); column++) {
            TYPE sum = 0, *place = c + row * stride_c + column;
            for (integer k = 0; k < inner; k++)
                sum += FUNCTION(LETTER, of)(view, row, k) * FUNCTION(LETTER, of)(view, column, k);
            *place = VALUE(alpha) * sum + (VALUE(beta) == 0 ? 0 : VALUE(beta) * *place);
        }
}

static TYPE FUNCTION(LETTER, dot)(
    integer count, const TYPE *x, integer step_x, const TYPE *y, integer step_y, int is_conjugate)
{
    TYPE sum = 0;
    if (step_x == 1 && step_y == 1 && !is_conjugate) {
#ifndef IS_COMPLEX
#pragma omp simd reduction(+ : sum)
#endif
        for (integer k = 0; k < count; k++)
            sum += x[k] * y[k];
        return sum;
    }
    for (integer k = 0; k < count; k++) {
        TYPE factor = x[at(k, count, step_x)];
        sum += (is_conjugate ? CONJ(factor) : factor) * y[at(k, count, step_y)];
    }
    return sum;
}

#ifdef IS_COMPLEX
EXPORT void CBLAS(LETTER, dotu_sub)(
    integer count, const TYPE *x, integer step_x, const TYPE *y, integer step_y, TYPE *sum)
{
    *sum = FUNCTION(LETTER, dot)(count, x, step_x, y, step_y, 0);
}

EXPORT void CBLAS(LETTER, dotc_sub)(
    integer count, const TYPE *x, integer step_x, const TYPE *y, integer step_y, TYPE *sum)
{
    *sum = FUNCTION(LETTER, dot)(count, x, step_x, y, step_y, 1);
}
#else
EXPORT TYPE CBLAS(LETTER, dot)(
    integer count, const TYPE *x, integer step_x, const TYPE *y, integer step_y)
{
    return FUNCTION(LETTER, dot)(count, x, step_x, y, step_y, 0);
}
#endif

EXPORT void CBLAS(LETTER, axpy)(
    integer count, SCALAR alpha, const TYPE *x, integer step_x, TYPE *y, integer step_y)
{
    for (integer k = 0; k < count; k++)
        y[at(k, count, step_y)] += VALUE(alpha) * x[at(k, count, step_x)];
}

EXPORT void LAPACK(LETTER, copy)(
    const integer *count, const TYPE *x, const integer *step_x, TYPE *y, const integer *step_y)
{
    for (integer k = 0; k < *count; k++)
        y[at(k, *count, *step_y)] = x[at(k, *count, *step_x)];
}

/* Parts a matrix into two triangles, with partial pivoting; columns lie one after the other. */
EXPORT void LAPACK(LETTER, getrf)(
    const integer *rows, const integer *columns, TYPE *a, const integer *stride, integer *pivots,
    integer *info)
{
    integer down = *rows, side = *rows < *columns ? *rows : *columns;
    *info = 0;
    for (integer k = 0; k < side; k++) {
        integer best = k;
        for (integer row = k + 1; row < down; row++)
            if (SIZE(a[row + k * *stride]) > SIZE(a[best + k * *stride]))
                best = row;
        pivots[k] = best + 1;
        if (a[best + k * *stride] == 0) {
            *info = *info ? *info : k + 1;
            continue;
        }
        for (integer column = 0; column < *columns; column++) {
            TYPE swapped = a[k + column * *stride];
            a[k + column * *stride] = a[best + column * *stride];
            a[best + column * *stride] = swapped;
        }
        for (integer row = k + 1; row < down; row++)
            a[row + k * *stride] /= a[k + k * *stride];
        for (integer column = k + 1; column < *columns; column++)
            for (integer row = k + 1; row < down; row++)
                a[row + column * *stride] -= a[row + k * *stride] * a[k + column * *stride];
    }
}

/* Solves equations; NumPy inverts matrices with it as well. */
EXPORT void LAPACK(LETTER, gesv)(
    const integer *side, const integer *count, TYPE *a, const integer *stride_a, integer *pivots,
    TYPE *b, const integer *stride_b, integer *info)
{
    LAPACK(LETTER, getrf)(side, side, a, stride_a, pivots, info);
    if (*info)
        return;
    for (integer column = 0; column < *count; column++) {
        TYPE *x = b + column * *stride_b;
        for (integer k = 0; k < *side; k++) {
            TYPE swapped = x[k];
            x[k] = x[pivots[k] - 1];
            x[pivots[k] - 1] = swapped;
        }
        for (integer k = 0; k < *side; k++)
            for (integer row = k + 1; row < *side; row++)
                x[row] -= a[row + k * *stride_a] * x[k];
        for (integer k = *side - 1; k >= 0; k--) {
            x[k] /= a[k + k * *stride_a];
            for (integer row = 0; row < k; row++)
                x[row] -= a[row + k * *stride_a] * x[k];
        }
    }
}

/* What follows decomposes matrices, and so is not done. */

EXPORT void LAPACK(LETTER, potrf)(
    const char *part, const integer *side, TYPE *a, const integer *stride, integer *info)
{
    (void)part, (void)side, (void)a, (void)stride;
    *info = 1;
}

EXPORT void LAPACK(LETTER, geqrf)(
    const integer *rows, const integer *columns, TYPE *a, const integer *stride, TYPE *factors,
    TYPE *work, const integer *length, integer *info)
{
    (void)rows, (void)columns, (void)a, (void)stride, (void)factors;
    NO_DECOMPOSITION(work, length, info);
}

#ifdef IS_COMPLEX
#define ORTHOGONAL ungqr
#define SYMMETRIC heevd
#else
#define ORTHOGONAL orgqr
#define SYMMETRIC syevd
#endif

EXPORT void LAPACK(LETTER, ORTHOGONAL)(
    const integer *rows, const integer *columns, const integer *inner, TYPE *a,
    const integer *stride, const TYPE *factors, TYPE *work, const integer *length, integer *info)
{
    (void)rows, (void)columns, (void)inner, (void)a, (void)stride, (void)factors;
    NO_DECOMPOSITION(work, length, info);
}

EXPORT void LAPACK(LETTER, SYMMETRIC)(
    const char *job, const char *part, const integer *side, TYPE *a, const integer *stride,
    REAL *values, TYPE *work, const integer *length,
#ifdef IS_COMPLEX
    REAL *real_work, const integer *real_length,
#endif
    integer *whole_work, const integer *whole_length, integer *info)
{
    (void)job, (void)part, (void)side, (void)a, (void)stride, (void)values, (void)whole_length;
    if (*length == -1) {
#ifdef IS_COMPLEX
        (void)real_length;
        *real_work = 1;
#endif
        *whole_work = 1;
    }
    NO_DECOMPOSITION(work, length, info);
}

EXPORT void LAPACK(LETTER, geev)(
    const char *left_job, const char *right_job, const integer *side, TYPE *a,
    const integer *stride, TYPE *values,
#ifndef IS_COMPLEX
    TYPE *imaginary_values,
#endif
    TYPE *left, const integer *left_stride, TYPE *right, const integer *right_stride, TYPE *work,
    const integer *length,
#ifdef IS_COMPLEX
    REAL *real_work,
#endif
    integer *info)
{
    (void)left_job, (void)right_job, (void)side, (void)a, (void)stride, (void)values, (void)left;
    (void)left_stride, (void)right, (void)right_stride;
#ifdef IS_COMPLEX
    (void)real_work;
#else
    (void)imaginary_values;
#endif
    NO_DECOMPOSITION(work, length, info);
}

EXPORT void LAPACK(LETTER, gesdd)(
    const char *job, const integer *rows, const integer *columns, TYPE *a, const integer *stride,
    REAL *values, TYPE *left, const integer *left_stride, TYPE *right, const integer *right_stride,
    TYPE *work, const integer *length,
#ifdef IS_COMPLEX
    REAL *real_work,
#endif
    integer *whole_work, integer *info)
{
    (void)job, (void)rows, (void)columns, (void)a, (void)stride, (void)values, (void)left;
    (void)left_stride, (void)right, (void)right_stride, (void)whole_work;
#ifdef IS_COMPLEX
    (void)real_work;
#endif
    NO_DECOMPOSITION(work, length, info);
}

EXPORT void LAPACK(LETTER, gelsd)(
    const integer *rows, const integer *columns, const integer *count, TYPE *a,
    const integer *stride_a, TYPE *b, const integer *stride_b, REAL *values, const REAL *least,
    integer *rank, TYPE *work, const integer *length,
#ifdef IS_COMPLEX
    REAL *real_work,
#endif
    integer *whole_work, integer *info)
{
    (void)rows, (void)columns, (void)count, (void)a, (void)stride_a, (void)b, (void)stride_b;
    (void)values, (void)least, (void)rank;
    if (*length == -1) {
#ifdef IS_COMPLEX
        *real_work = 1;
#endif
        *whole_work = 1;
    }
    NO_DECOMPOSITION(work, length, info);
}

#undef FUNCTION_
#undef FUNCTION
#undef ORTHOGONAL
#undef SYMMETRIC
#undef TYPE
#undef REAL
#undef LETTER
#undef SIZE
#undef CONJ
#undef SCALAR
#undef VALUE
