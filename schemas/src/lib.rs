//! Every message on any wire, as Rust types with their JSON and XML forms.
