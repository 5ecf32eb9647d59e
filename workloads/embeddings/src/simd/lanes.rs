//! Sixteen floats at a time: one register of AVX-512, two of AVX2, an array anywhere else.
//!
//! The compiler leaves sums over many rows, minima and masks scalar, for it may not reorder them. Here their order is that of 16
//! lanes on every machine.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256, __m512, _CMP_GE_OQ, _CMP_LE_OQ, _mm256_add_ps, _mm256_cmp_ps, _mm256_loadu_ps,
    _mm256_max_ps, _mm256_min_ps, _mm256_movemask_ps, _mm256_mul_ps, _mm256_set1_ps,
    _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_loadu_ps,
    _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps, _mm512_sub_ps,
};

/// Floats of a [`Lanes`].
pub(crate) const LANES: usize = 16;

/// Sixteen floats. Each operation is that of IEEE `f32` in each lane; nothing is fused.
///
/// # Safety
/// Whoever calls a method of an implementation does so where the processor has its instructions.
pub(crate) unsafe trait Lanes: Copy {
    /// # Safety
    /// The processor has the instructions; 64 bytes can be read at `from`, wherever it is.
    unsafe fn load(from: *const f32) -> Self;
    /// # Safety
    /// The processor has the instructions.
    unsafe fn all(value: f32) -> Self;
    /// # Safety
    /// The processor has the instructions.
    unsafe fn array(self) -> [f32; LANES];
    /// # Safety
    /// The processor has the instructions.
    unsafe fn add(self, other: Self) -> Self;
    /// # Safety
    /// The processor has the instructions.
    unsafe fn sub(self, other: Self) -> Self;
    /// # Safety
    /// The processor has the instructions.
    unsafe fn mul(self, other: Self) -> Self;
    /// The lesser of each two; which of two zeros is not told.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn min(self, other: Self) -> Self;
    /// The greater of each two; which of two zeros is not told.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn max(self, other: Self) -> Self;
    /// A bit for each lane that is at most the other's.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn at_most(self, other: Self) -> u16;
    /// A bit for each lane that is at least the other's.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn at_least(self, other: Self) -> u16;
}

// SAFETY: there are no instructions that a processor lacks.
unsafe impl Lanes for [f32; LANES] {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<Self>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn all(value: f32) -> Self {
        [value; LANES]
    }
    #[inline(always)]
    unsafe fn array(self) -> [f32; LANES] {
        self
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        std::array::from_fn(|lane| self[lane] + other[lane])
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        std::array::from_fn(|lane| self[lane] - other[lane])
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        std::array::from_fn(|lane| self[lane] * other[lane])
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        let lesser = |lane: usize| {
            if self[lane] < other[lane] {
                self[lane]
            } else {
                other[lane]
            }
        };
        std::array::from_fn(lesser)
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        let greater = |lane: usize| {
            if self[lane] > other[lane] {
                self[lane]
            } else {
                other[lane]
            }
        };
        std::array::from_fn(greater)
    }
    #[inline(always)]
    unsafe fn at_most(self, other: Self) -> u16 {
        (0..LANES).fold(0, |bits, lane| {
            bits | (u16::from(self[lane] <= other[lane]) << lane)
        })
    }
    #[inline(always)]
    unsafe fn at_least(self, other: Self) -> u16 {
        (0..LANES).fold(0, |bits, lane| {
            bits | (u16::from(self[lane] >= other[lane]) << lane)
        })
    }
}

// SAFETY: the instructions are AVX-512 F.
#[cfg(target_arch = "x86_64")]
unsafe impl Lanes for __m512 {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn all(value: f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    unsafe fn array(self) -> [f32; LANES] {
        let mut array = [0.0; LANES];
        // SAFETY: the caller's promise; the array has 64 bytes.
        unsafe { _mm512_storeu_ps(array.as_mut_ptr(), self) };
        array
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_add_ps(self, other) }
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_sub_ps(self, other) }
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mul_ps(self, other) }
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_min_ps(self, other) }
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe { _mm512_max_ps(self, other) }
    }
    #[inline(always)]
    unsafe fn at_most(self, other: Self) -> u16 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self, other) }
    }
    #[inline(always)]
    unsafe fn at_least(self, other: Self) -> u16 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self, other) }
    }
}

// SAFETY: the instructions are AVX2.
#[cfg(target_arch = "x86_64")]
unsafe impl Lanes for [__m256; 2] {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
    }
    #[inline(always)]
    unsafe fn all(value: f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { [_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    unsafe fn array(self) -> [f32; LANES] {
        let mut array = [0.0_f32; LANES];
        // SAFETY: the caller's promise; the array has twice 32 bytes.
        unsafe {
            _mm256_storeu_ps(array.as_mut_ptr(), self[0]);
            _mm256_storeu_ps(array.as_mut_ptr().add(8), self[1]);
        }
        array
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            [
                _mm256_add_ps(self[0], other[0]),
                _mm256_add_ps(self[1], other[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            [
                _mm256_sub_ps(self[0], other[0]),
                _mm256_sub_ps(self[1], other[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            [
                _mm256_mul_ps(self[0], other[0]),
                _mm256_mul_ps(self[1], other[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            [
                _mm256_min_ps(self[0], other[0]),
                _mm256_min_ps(self[1], other[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            [
                _mm256_max_ps(self[0], other[0]),
                _mm256_max_ps(self[1], other[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn at_most(self, other: Self) -> u16 {
        // SAFETY: the caller's promise.
        let halves = unsafe {
            [
                _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(self[0], other[0])),
                _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(self[1], other[1])),
            ]
        };
        (halves[0] | (halves[1] << 8)) as u16
    }
    #[inline(always)]
    unsafe fn at_least(self, other: Self) -> u16 {
        // SAFETY: the caller's promise.
        unsafe { other.at_most(self) }
    }
}

/// Makes a function that calls `$body::<L>`, an `#[inline(always)] unsafe fn` over [`Lanes`], with those of the
/// [`Simd`](crate::simd::Simd) it is given first.
macro_rules! with_lanes {
    ($(#[$meta:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:ident) => {
        $(#[$meta])*
        $visible fn $name(simd: $crate::simd::Simd, $($argument: $type),*) $(-> $result)? {
            /// # Safety
            /// The processor has AVX-512 as `Simd` asks for it.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,popcnt")]
            unsafe fn avx512($($argument: $type),*) $(-> $result)? {
                // SAFETY: the caller's promise.
                unsafe { $body::<std::arch::x86_64::__m512>($($argument),*) }
            }
            /// # Safety
            /// The processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,popcnt")]
            unsafe fn avx2($($argument: $type),*) $(-> $result)? {
                // SAFETY: the caller's promise.
                unsafe { $body::<[std::arch::x86_64::__m256; 2]>($($argument),*) }
            }
            match simd.kind() {
                // SAFETY: there is a `Simd` only of what the processor has.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx512 => unsafe { avx512($($argument),*) },
                // SAFETY: the same.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: an array needs nothing.
                $crate::simd::Kind::Plain => unsafe { $body::<[f32; $crate::simd::LANES]>($($argument),*) },
            }
        }
    };
}
pub(crate) use with_lanes;
