// Sorts numbers and records by the library's sort; how many numbers is an argument.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

type record struct {
	name  string
	value uint32
}

var state uint32 = 42

func below(limit uint32) uint32 {
	state = state*1664525 + 1013904223
	return (state >> 8) % limit
}

func main() {
	size := 16
	if len(os.Args) > 1 {
		size, _ = strconv.Atoi(os.Args[1])
	}
	numbers := make([]uint32, size)
	for i := range numbers {
		numbers[i] = below(1000)
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	var words []string
	var sum uint32
	for i, number := range numbers {
		words = append(words, fmt.Sprint(number))
		sum += uint32(i+1) * number
	}
	fmt.Println(strings.Join(words, " "))
	var records []record
	for i := range 6 {
		records = append(records, record{fmt.Sprintf("r%d", i), below(5)})
	}
	sort.Slice(records, func(i, j int) bool {
		a, b := records[i], records[j]
		return a.value > b.value || a.value == b.value && a.name < b.name
	})
	words = nil
	for _, r := range records {
		words = append(words, fmt.Sprintf("%s=%d", r.name, r.value))
	}
	fmt.Println(strings.Join(words, " "))
	fmt.Println("sum", sum)
}
