//! One loop, compiled several times: for any processor, for AVX2, for AVX-512.
//!
//! The default x86-64 target has neither. What a loop computes does not depend on the copy: all arithmetic is of integers, or of
//! floats in an order that is written down, and nothing is fused.

use std::sync::LazyLock;

/// Vector instructions that this processor has. There is no value of those that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simd(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Plain,
}

static AVAILABLE: LazyLock<Vec<Simd>> = LazyLock::new(available);

impl Simd {
    /// The plain copy of each loop, the reference of all others.
    pub const PLAIN: Self = Self(Kind::Plain);

    /// The fastest of this processor.
    #[must_use]
    pub fn best() -> Self {
        AVAILABLE[0]
    }

    /// All of this processor, the fastest first, the plain one last.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &AVAILABLE
    }

    /// What it is called: `avx512`, `avx2` or `plain`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            Kind::Plain => "plain",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        self.0
    }
}

fn available() -> Vec<Simd> {
    let mut all = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt");
        if avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("avx512vpopcntdq")
        {
            all.push(Simd(Kind::Avx512));
        }
        if avx2 {
            all.push(Simd(Kind::Avx2));
        }
    }
    all.push(Simd::PLAIN);
    all
}

/// Makes a function that calls the copy of `$body` for the [`Simd`] it is given first. `$body` is `#[inline(always)]`, and so is
/// what it calls.
macro_rules! compiled_for_each {
    ($(#[$meta:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path) => {
        $(#[$meta])*
        $visible fn $name(simd: $crate::simd::Simd, $($argument: $type),*) $(-> $result)? {
            /// # Safety
            /// The processor has what is enabled.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,avx512vpopcntdq,avx2,popcnt")]
            unsafe fn avx512($($argument: $type),*) $(-> $result)? {
                $body($($argument),*)
            }
            /// # Safety
            /// The processor has what is enabled.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,popcnt")]
            unsafe fn avx2($($argument: $type),*) $(-> $result)? {
                $body($($argument),*)
            }
            match simd.kind() {
                // SAFETY: there is a `Simd` only of what the processor has.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx512 => unsafe { avx512($($argument),*) },
                // SAFETY: the same.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx2 => unsafe { avx2($($argument),*) },
                $crate::simd::Kind::Plain => $body($($argument),*),
            }
        }
    };
}
pub(crate) use compiled_for_each;
