//! Builds a plugin from source into a component.
