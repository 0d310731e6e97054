//! What a document must say (V, N, R, P, W, T, I, K, A, X, Y): one table of rules.
