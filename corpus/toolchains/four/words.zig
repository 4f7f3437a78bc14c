//! Counts the words of its input and prints them, the most frequent first.
const std = @import("std");

const Word = struct { letters: []const u8, count: u32 };

fn byCount(_: void, a: Word, b: Word) bool {
    return if (a.count != b.count) a.count > b.count else std.mem.lessThan(u8, a.letters, b.letters);
}

fn meet(words: *std.ArrayList(Word), arena: std.mem.Allocator, letters: []const u8) !void {
    for (words.items) |*word| {
        if (std.mem.eql(u8, word.letters, letters)) {
            word.count += 1;
            return;
        }
    }
    try words.append(arena, .{ .letters = try arena.dupe(u8, letters), .count = 1 });
}

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();
    var buffers: [2][512]u8 = undefined;
    var reader = std.Io.File.stdin().readerStreaming(init.io, &buffers[0]);
    var writer = std.Io.File.stdout().writerStreaming(init.io, &buffers[1]);
    const out = &writer.interface;
    var words: std.ArrayList(Word) = .empty;
    var lines: u32 = 0;
    while (try reader.interface.takeDelimiter('\n')) |line| {
        lines += 1;
        for (line) |*byte| byte.* = if (std.ascii.isAlphabetic(byte.*)) std.ascii.toLower(byte.*) else ' ';
        var letters = std.mem.tokenizeScalar(u8, line, ' ');
        while (letters.next()) |word| try meet(&words, arena, word);
    }
    if (words.items.len == 0) {
        std.debug.print("no words in {d} lines\n", .{lines});
        std.process.exit(3);
    }
    std.mem.sort(Word, words.items, {}, byCount);
    for (words.items) |word| try out.print("{d:>3} {s}\n", .{ word.count, word.letters });
    try out.print("{d} lines, {d} words\n", .{ lines, words.items.len });
    try out.flush();
}
