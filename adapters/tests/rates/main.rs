//! The National Bank's rates, against a real server that answers well, wrongly, too much, too slowly, and not
//! at all.

#[cfg(test)]
mod nbu;
