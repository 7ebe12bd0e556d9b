//! Messages, headers and evidence of Trembita: X-Road's own, read from a folder of vectors, and ones made
//! here.

#[cfg(test)]
mod consumer;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod security;
#[cfg(test)]
mod soap;
#[cfg(test)]
mod vectors;
