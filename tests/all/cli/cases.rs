//! The commands' cases, `tests/cases/COMMAND/NAME.case`: what a person types and all that comes back.
//! `tests/cases/README.md` describes them.

use std::path::Path;

use snapbox::assert::Action;

use crate::common::case::{check, children, compare, replay};

/// One test for each folder of cases, so that the folders run side by side.
macro_rules! folders {
    ($($folder:ident)*) => {
        const FOLDERS: &[&str] = &[$(stringify!($folder)),*];
        $(
            #[test]
            fn $folder() {
                check(name(stringify!($folder)));
            }
        )*
    };
}

folders! { bench diff export r#gen info listing messages repl run shrink soak spec suite trace usage xray }

/// A folder's name, which may be a word of Rust's.
fn name(identifier: &str) -> &str {
    identifier.trim_start_matches("r#")
}

#[test]
fn every_folder_of_cases_is_run() {
    let mut found = children("tests/cases".as_ref());
    found.retain(|path| path.is_dir());
    let found: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(found, FOLDERS.iter().copied().map(name).collect::<Vec<_>>());
}

#[test]
fn a_case_that_differs_is_shown() {
    let case = "# An engine is named.\n$ echo <a|a> && printf 'x\\0' >&2 && exit 3\n| b\n";
    let actual = "# An engine is named.\n$ echo <a|a> && printf 'x\\0' >&2 && exit 3\n| a\n!\\ x\\x00\n\\ no newline at the end\n? 3\n";
    assert_eq!(replay(case), actual);
    assert_eq!(replay("$ printf '<1|2>\\n'\n"), "$ printf '1\\n'\n| 1\n$ printf '2\\n'\n| 2\n");
    let told = compare(Path::new("some.case"), actual.to_string(), case.to_string(), Action::Verify).unwrap_err();
    for part in ["some.case", "| b", "| a", "? 3"] {
        assert!(told.contains(part), "{told}");
    }
}
