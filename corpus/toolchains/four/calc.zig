//! A calculator: one expression a line, with variables of one letter; exits with the number of lines that it
//! could not compute.
const std = @import("std");

const Fault = error{ EndsTooEarly, NotANumber, OpenBracket, DivisionByZero, SomethingFollows };

var variables: [26]i64 = @splat(0);

const Parser = struct {
    rest: []const u8,

    fn next(self: *Parser) u8 {
        self.rest = std.mem.trimStart(u8, self.rest, " ");
        return if (self.rest.len > 0) self.rest[0] else 0;
    }

    fn takes(self: *Parser, wanted: []const u8) ?u8 {
        const found = self.next();
        if (found == 0 or std.mem.findScalar(u8, wanted, found) == null) return null;
        self.rest = self.rest[1..];
        return found;
    }

    fn unit(self: *Parser) Fault!i64 {
        if (self.takes("-") != null) return -%try self.unit();
        if (self.takes("(") != null) {
            const value = try self.sum();
            return if (self.takes(")") != null) value else Fault.OpenBracket;
        }
        switch (self.next()) {
            '0'...'9' => {
                var value: i64 = 0;
                while (self.rest.len > 0 and std.ascii.isDigit(self.rest[0])) : (self.rest = self.rest[1..]) value = value *% 10 +% (self.rest[0] - '0');
                return value;
            },
            'a'...'z' => |name| {
                self.rest = self.rest[1..];
                return variables[name - 'a'];
            },
            0 => return Fault.EndsTooEarly,
            else => return Fault.NotANumber,
        }
    }

    fn product(self: *Parser) Fault!i64 {
        var value = try self.unit();
        while (self.takes("*/")) |operation| {
            const right = try self.unit();
            if (operation == '/' and right == 0) return Fault.DivisionByZero;
            value = if (operation == '*') value *% right else @divTrunc(value, right);
        }
        return value;
    }

    fn sum(self: *Parser) Fault!i64 {
        var value = try self.product();
        while (self.takes("+-")) |operation| {
            const right = try self.product();
            value = if (operation == '+') value +% right else value -% right;
        }
        return value;
    }

    fn all(self: *Parser) Fault!i64 {
        const value = try self.sum();
        return if (self.next() == 0) value else Fault.SomethingFollows;
    }
};

fn reason(fault: Fault) []const u8 {
    return switch (fault) {
        error.EndsTooEarly => "it ends too early",
        error.NotANumber => "not a number",
        error.OpenBracket => "a bracket is open",
        error.DivisionByZero => "division by zero",
        error.SomethingFollows => "something follows",
    };
}

pub fn main(init: std.process.Init) !u8 {
    var buffers: [2][512]u8 = undefined;
    var reader = std.Io.File.stdin().readerStreaming(init.io, &buffers[0]);
    var writer = std.Io.File.stdout().writerStreaming(init.io, &buffers[1]);
    const out = &writer.interface;
    var number: u32 = 0;
    var faults: u8 = 0;
    while (try reader.interface.takeDelimiter('\n')) |line| {
        number += 1;
        const named = line.len > 2 and std.ascii.isLower(line[0]) and std.mem.eql(u8, line[1..3], " =");
        var parser: Parser = .{ .rest = if (named) line[3..] else line };
        if (parser.all()) |value| {
            if (named) {
                variables[line[0] - 'a'] = value;
                try out.print("{c} = {d}\n", .{ line[0], value });
            } else try out.print("{d}\n", .{value});
        } else |fault| {
            faults += 1;
            std.debug.print("line {d}: {s}\n", .{ number, reason(fault) });
        }
    }
    try out.flush();
    return faults;
}
