//! The reducer that decides when to fetch.

mod fetching;
mod slots;
mod states;
mod trouble;
