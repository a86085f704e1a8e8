//! A fuel-card provider to test against: good, slow, broken or hostile.
