//! Sorts numbers and records by the library's sort; how many numbers is an argument.
const std = @import("std");

const Record = struct { name: []const u8, value: u32 };

var state: u32 = 42;

fn below(limit: u32) u32 {
    state = state *% 1664525 +% 1013904223;
    return (state >> 8) % limit;
}

fn byValue(_: void, a: Record, b: Record) bool {
    return if (a.value != b.value) a.value > b.value else std.mem.lessThan(u8, a.name, b.name);
}

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();
    var buffer: [512]u8 = undefined;
    var writer = std.Io.File.stdout().writerStreaming(init.io, &buffer);
    const out = &writer.interface;
    const arguments = try init.minimal.args.toSlice(arena);
    const size = if (arguments.len > 1) try std.fmt.parseInt(usize, arguments[1], 10) else 16;
    const numbers = try arena.alloc(u32, size);
    for (numbers) |*number| number.* = below(1000);
    std.mem.sort(u32, numbers, {}, std.sort.asc(u32));
    var sum: u32 = 0;
    for (numbers, 1..) |number, place| {
        try out.print("{s}{d}", .{ if (place > 1) " " else "", number });
        sum +%= @as(u32, @intCast(place)) * number;
    }
    var records: [6]Record = undefined;
    for (&records, 0..) |*record, i| record.* = .{ .name = try std.fmt.allocPrint(arena, "r{d}", .{i}), .value = below(5) };
    std.mem.sort(Record, &records, {}, byValue);
    for (records, 0..) |record, i| try out.print("{s}{s}={d}", .{ if (i > 0) " " else "\n", record.name, record.value });
    try out.print("\nsum {d}\n", .{sum});
    try out.flush();
}
