//! Makes JavaScript's glue for a compiled module, as wasm-bindgen gives it, and the module that
//! belongs to it: `edge-credentials-bind <module> <folder>`.

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(module), Some(folder)) = (args.next(), args.next()) else {
        return Err("usage: edge-credentials-bind <module> <folder>".into());
    };

    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(true)
        // `__wbg_reset_state` makes a new instance after a trap.
        .reset_state_function(true)
        // Bundlers would ship the file that a default path names a second time.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(())
}
