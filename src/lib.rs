//! The program: what `cardinal` does with its arguments, and the parts it is composed of.

pub mod demo;
