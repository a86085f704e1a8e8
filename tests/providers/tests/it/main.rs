//! Each plugin through the real host, against a server that behaves as its provider does.
