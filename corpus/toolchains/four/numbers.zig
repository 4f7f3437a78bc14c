//! Sums, a root, an integral and a chaotic sequence in floats, printed with six digits.
const std = @import("std");

fn circle(x: f64) f64 {
    return 4 / (1 + x * x);
}

pub fn main(init: std.process.Init) !void {
    var buffer: [512]u8 = undefined;
    var writer = std.Io.File.stdout().writerStreaming(init.io, &buffer);
    const out = &writer.interface;
    var harmonic: f64 = 0;
    var rough: f32 = 0;
    for (1..61) |i| {
        harmonic += 1 / @as(f64, @floatFromInt(i));
        rough += 1 / @as(f32, @floatFromInt(i));
    }
    try out.print("harmonic {d:.6}, in single precision {d:.6}\n", .{ harmonic, @as(f64, rough) });
    var root: f64 = 1;
    for (0..6) |_| root = (root + 2 / root) / 2;
    var two: f64 = 2;
    try out.print("root of 2 {d:.6}, {d:.6} by the library\n", .{ root, @sqrt((&two).*) });
    var integral: f64 = 0;
    for (0..16) |number| {
        const i: f64 = @floatFromInt(number);
        integral += (circle(i / 16) + 4 * circle((i + 0.5) / 16) + circle((i + 1) / 16)) / 96;
    }
    try out.print("integral {d:.6}\n", .{integral});
    var logistic: f64 = 0.3;
    for (0..40) |_| logistic = 3.75 * logistic * (1 - logistic);
    try out.print("logistic {d:.6}\n", .{logistic});
    var state: u32 = 42;
    var sum: f64 = 0;
    var squares: f64 = 0;
    for (0..30) |_| {
        state = state *% 1664525 +% 1013904223;
        const value = @as(f64, @floatFromInt(state >> 8)) / 16777216 - 0.5;
        sum += value;
        squares += value * value;
    }
    try out.print("mean {d:.6}, deviation {d:.6}\n", .{ sum / 30, @sqrt(squares / 30 - sum / 30 * (sum / 30)) });
    var below: f64 = -2.7;
    const parts = [_]i32{ @trunc((&below).*), @trunc(harmonic * 1000), @trunc(rough * 1000) };
    const rounded = @floor(below + 0.2) + @ceil(two + 0.2) + @abs(below + 2.45);
    try out.print("whole parts {d} {d} {d}, rounded {d:.6}\n", .{ parts[0], parts[1], parts[2], rounded });
    try out.flush();
}
