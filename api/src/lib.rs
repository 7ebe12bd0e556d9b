//! The HTTP door: routes, rights, problems and the contract.
