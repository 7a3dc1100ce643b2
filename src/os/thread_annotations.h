// What clang's -Wthread-safety needs to know of locks: which data a mutex guards, which functions take or want it.
// Other compilers read nothing here. https://releases.llvm.org/14.0.0/tools/clang/docs/ThreadSafetyAnalysis.html
//
// std::mutex and its locks carry no annotations in libstdc++, so data is guarded by a Mutex (mutex.h) or kept in a
// LockGuarded (lock_guarded.h). A lambda counts as a function of its own: instead of handing a predicate to a wait,
// loop.
#pragma once

#if defined(__clang__)
#define HELOGUARD_ATTRIBUTE(x) __attribute__((x))
#else
#define HELOGUARD_ATTRIBUTE(x)
#endif

// On a class: it is a lock; it holds one from its constructor to its destructor.
#define CAPABILITY(name) HELOGUARD_ATTRIBUTE(capability(name))
#define SCOPED_CAPABILITY HELOGUARD_ATTRIBUTE(scoped_lockable)
// On data, with the mutex: touched only while it is held. The second is for what a pointer points to.
#define GUARDED_BY(mutex) HELOGUARD_ATTRIBUTE(guarded_by(mutex))
#define PT_GUARDED_BY(mutex) HELOGUARD_ATTRIBUTE(pt_guarded_by(mutex))
// On a function, with the mutex or none for `this`: takes it and keeps it; gives it back; is called with it held; is
// called without it.
#define ACQUIRE(...) HELOGUARD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) HELOGUARD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define REQUIRES_LOCK(...) HELOGUARD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) HELOGUARD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
// On a function that is right for a reason the analysis cannot see. Say which.
#define NO_THREAD_SAFETY_ANALYSIS HELOGUARD_ATTRIBUTE(no_thread_safety_analysis)
