//! Outages, their notices and the workers that deliver them, on a real PostgreSQL.

#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod rejections;
#[cfg(test)]
mod site;
#[cfg(test)]
mod subscribers;
#[cfg(test)]
mod workers;
