//! Tells the code for which Python it is built: `Py_GIL_DISABLED` is of interest.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
