//! The functions that a question can name.

macro_rules! functions {
    ($($number:literal $function:ident $name:literal;)*) => {
        /// A function of WASI that the world performs, or a part of one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Function {
            $(#[doc = $name] $function = $number,)*
        }

        impl Function {
            /// The function of a number.
            pub fn numbered(number: u8) -> Option<Function> {
                match number {
                    $($number => Some(Function::$function),)*
                    _ => None,
                }
            }
        }
    };
}

functions! {
    1 ClockResGet "clock_res_get";
    2 ClockTimeGet "clock_time_get";
    3 RandomGet "random_get";
    4 PollOneoff "poll_oneoff";
    5 FdPrestatGet "fd_prestat_get";
    6 FdPrestatDirName "fd_prestat_dir_name";
    7 FdFdstatGet "fd_fdstat_get";
    8 FdFdstatSetFlags "fd_fdstat_set_flags";
    9 FdFdstatSetRights "fd_fdstat_set_rights";
    10 FdFilestatGet "fd_filestat_get";
    11 FdFilestatSetSize "fd_filestat_set_size";
    12 FdFilestatSetTimes "fd_filestat_set_times";
    13 FdRead "fd_read";
    14 FdPread "fd_pread";
    15 FdWrite "fd_write";
    16 FdPwrite "fd_pwrite";
    17 FdSeek "fd_seek";
    18 FdTell "fd_tell";
    19 FdReaddir "fd_readdir";
    20 FdClose "fd_close";
    21 FdRenumber "fd_renumber";
    22 FdAllocate "fd_allocate";
    23 FdAdvise "fd_advise";
    24 FdSync "fd_sync";
    25 Stream "which of the standard streams a descriptor is, from 0; 3 for none of them";
    26 PathOpen "path_open";
    27 PathFilestatGet "path_filestat_get";
    28 PathFilestatSetTimes "path_filestat_set_times";
    29 PathCreateDirectory "path_create_directory";
    30 PathRemoveDirectory "path_remove_directory";
    31 PathUnlinkFile "path_unlink_file";
    32 PathRename "path_rename";
    33 PathLink "path_link";
    34 PathSymlink "path_symlink";
    35 PathReadlink "path_readlink";
    36 Socket "any function of sockets";
}
