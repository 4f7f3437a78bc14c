//! Sums, a root, an integral and a chaotic sequence in floats, printed with six digits.

fn circle(x: f64) -> f64 {
    4.0 / (1.0 + x * x)
}

fn main() {
    let (mut harmonic, mut rough) = (0f64, 0f32);
    for i in 1..=60 {
        harmonic += 1.0 / f64::from(i);
        rough += 1.0 / i as f32;
    }
    println!("harmonic {harmonic:.6}, in single precision {rough:.6}");
    let root = (0..6).fold(1f64, |root, _| (root + 2.0 / root) / 2.0);
    println!("root of 2 {root:.6}, {:.6} by the library", 2f64.sqrt());
    let mut integral = 0.0;
    for i in 0..16 {
        let i = f64::from(i);
        integral += (circle(i / 16.0) + 4.0 * circle((i + 0.5) / 16.0) + circle((i + 1.0) / 16.0)) / 96.0;
    }
    println!("integral {integral:.6}");
    let logistic = (0..40).fold(0.3, |x: f64, _| 3.75 * x * (1.0 - x));
    println!("logistic {logistic:.6}");
    let (mut state, mut sum, mut squares) = (42u32, 0.0, 0.0);
    for _ in 0..30 {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        let value = f64::from(state >> 8) / 16777216.0 - 0.5;
        sum += value;
        squares += value * value;
    }
    println!("mean {:.6}, deviation {:.6}", sum / 30.0, (squares / 30.0 - sum / 30.0 * (sum / 30.0)).sqrt());
    let rounded = (-2.5f64).floor() + 2.2f64.ceil() + (-0.25f64).abs();
    println!("whole parts {} {} {}, rounded {rounded:.6}", -2.7f64 as i32, (harmonic * 1000.0) as i32, (rough * 1000.0) as i32);
}
