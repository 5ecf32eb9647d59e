/* Where each thread keeps what it counts and samples with: zeros when the thread begins, there until it is gone.
 *
 * In a shared library the usual kind of thread-local memory is reached by a call into the loader, which may itself
 * allocate: inside malloc that never ends. The initial-exec model has a fixed place in every thread, which a library
 * that is loaded at the start of a program can have. Rust has no way of saying so. */

__thread unsigned char plimsoll_thread_local[256]
    __attribute__((tls_model("initial-exec"), aligned(64), visibility("hidden")));

void *plimsoll_thread_storage(void) { return plimsoll_thread_local; }
