//! Why a run of this workload ends without a result.

use plimsoll_workload::Failure;

use crate::store::StoreError;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Other(error.to_string())
    }
}
