// A calculator: one expression a line, with variables of one letter; exits with the number of lines that it
// could not compute.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

var variables = map[byte]int64{}

type parser struct{ rest string }

func (p *parser) next() byte {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *parser) takes(wanted string) byte {
	found := p.next()
	if found == 0 || !strings.Contains(wanted, string(rune(found))) {
		return 0
	}
	p.rest = p.rest[1:]
	return found
}

func (p *parser) unit() (int64, error) {
	if p.takes("-") != 0 {
		value, err := p.unit()
		return -value, err
	}
	if p.takes("(") != 0 {
		value, err := p.sum()
		if err == nil && p.takes(")") == 0 {
			err = errors.New("a bracket is open")
		}
		return value, err
	}
	first := p.next()
	switch {
	case first == 0:
		return 0, errors.New("it ends too early")
	case first >= '0' && first <= '9':
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		value, err := strconv.ParseInt(p.rest[:digits], 10, 64)
		p.rest = p.rest[digits:]
		return value, err
	case first >= 'a' && first <= 'z':
		p.rest = p.rest[1:]
		return variables[first], nil
	}
	return 0, errors.New("not a number")
}

func (p *parser) product() (int64, error) {
	value, err := p.unit()
	for err == nil {
		operation := p.takes("*/")
		if operation == 0 {
			break
		}
		var right int64
		if right, err = p.unit(); err != nil {
			break
		}
		if operation == '*' {
			value *= right
		} else if right == 0 {
			err = errors.New("division by zero")
		} else {
			value /= right
		}
	}
	return value, err
}

func (p *parser) sum() (int64, error) {
	value, err := p.product()
	for err == nil {
		operation := p.takes("+-")
		if operation == 0 {
			break
		}
		var right int64
		right, err = p.product()
		if operation == '-' {
			right = -right
		}
		value += right
	}
	return value, err
}

func main() {
	faults := 0
	scanner := bufio.NewScanner(os.Stdin)
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Text()
		named := len(line) > 2 && line[0] >= 'a' && line[0] <= 'z' && line[1:3] == " ="
		p := parser{line}
		if named {
			p.rest = line[3:]
		}
		value, err := p.sum()
		if err == nil && p.next() != 0 {
			err = errors.New("something follows")
		}
		if err != nil {
			faults++
			fmt.Fprintf(os.Stderr, "line %d: %v\n", number, err)
		} else if named {
			variables[line[0]] = value
			fmt.Printf("%c = %d\n", line[0], value)
		} else {
			fmt.Println(value)
		}
	}
	os.Exit(faults)
}
