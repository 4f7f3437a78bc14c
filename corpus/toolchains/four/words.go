// Counts the words of its input and prints them, the most frequent first.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"unicode"
)

func main() {
	counts := map[string]int{}
	lines := 0
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		lines++
		for _, word := range strings.FieldsFunc(scanner.Text(), func(c rune) bool { return !unicode.IsLetter(c) }) {
			counts[strings.ToLower(word)]++
		}
	}
	if len(counts) == 0 {
		fmt.Fprintf(os.Stderr, "no words in %d lines\n", lines)
		os.Exit(3)
	}
	var words []string
	for word := range counts {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		a, b := words[i], words[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	for _, word := range words {
		fmt.Printf("%3d %s\n", counts[word], word)
	}
	fmt.Printf("%d lines, %d words\n", lines, len(words))
}
