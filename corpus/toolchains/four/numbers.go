// Sums, a root, an integral and a chaotic sequence in floats, printed with six digits.
package main

import (
	"fmt"
	"math"
)

func circle(x float64) float64 { return 4 / (1 + x*x) }

func main() {
	var harmonic float64
	var rough float32
	for i := 1; i <= 60; i++ {
		harmonic += 1 / float64(i)
		rough += 1 / float32(i)
	}
	fmt.Printf("harmonic %.6f, in single precision %.6f\n", harmonic, rough)
	root := 1.0
	for range 6 {
		root = (root + 2/root) / 2
	}
	fmt.Printf("root of 2 %.6f, %.6f by the library\n", root, math.Sqrt(2))
	var integral float64
	for i := range 16 {
		i := float64(i)
		integral += (circle(i/16) + 4*circle((i+0.5)/16) + circle((i+1)/16)) / 96
	}
	fmt.Printf("integral %.6f\n", integral)
	logistic := 0.3
	for range 40 {
		logistic = 3.75 * logistic * (1 - logistic)
	}
	fmt.Printf("logistic %.6f\n", logistic)
	var state uint32 = 42
	var sum, squares float64
	for range 30 {
		state = state*1664525 + 1013904223
		value := float64(state>>8)/16777216 - 0.5
		sum += value
		squares += value * value
	}
	fmt.Printf("mean %.6f, deviation %.6f\n", sum/30, math.Sqrt(squares/30-sum/30*(sum/30)))
	below, above := -2.7, 2.2
	fmt.Printf("whole parts %d %d %d, rounded %.6f\n", int(below), int(harmonic*1000), int(rough*1000), math.Floor(-2.5)+math.Ceil(above)+math.Abs(-0.25))
}
