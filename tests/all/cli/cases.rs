//! The cases of the commands, `tests/cases/COMMAND/NAME.case`: the input of a user and the whole output.
//! `tests/cases/README.md` describes the format.

use std::path::Path;

use snapbox::assert::Action;

use crate::common::case::{check, children, compare, replay};

/// One test per folder of cases, so that the folders run in parallel.
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

folders! { bench diff exhaustive export r#gen info listing messages prove repl run shrink soak spec specialize suite trace usage xray }

/// The folder's name of an identifier, which is raw (`r#`) if the name is a keyword of Rust.
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
