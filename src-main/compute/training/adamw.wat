;; AdamW (Loshchilov & Hutter 2019, Algorithm 2) on flat float32 arrays, four numbers at a time.
;; Addresses are bytes in the imported memory, which threads share; every count of numbers is allowed, the last three go one by one.
(module
  (import "parameters" "memory" (memory 1 65536 shared))

  ;; Sum of squares of the float32 numbers in [start, end), in float64.
  (func (export "sumOfSquares") (param $at i32) (param $end i32) (result f64)
    (local $even v128) (local $odd v128) (local $four v128) (local $two v128) (local $sum f64) (local $one f64)
    (block $fours_done
      (loop $fours
        (br_if $fours_done (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $four (v128.load (local.get $at)))
        (local.set $two (f64x2.promote_low_f32x4 (local.get $four)))
        (local.set $even (f64x2.add (local.get $even) (f64x2.mul (local.get $two) (local.get $two))))
        (local.set $two (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four))))
        (local.set $odd (f64x2.add (local.get $odd) (f64x2.mul (local.get $two) (local.get $two))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $fours)))
    (local.set $even (f64x2.add (local.get $even) (local.get $odd)))
    (local.set $sum (f64.add (f64x2.extract_lane 0 (local.get $even)) (f64x2.extract_lane 1 (local.get $even))))
    (block $ones_done
      (loop $ones
        (br_if $ones_done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $one (f64.promote_f32 (f32.load (local.get $at))))
        (local.set $sum (f64.add (local.get $sum) (f64.mul (local.get $one) (local.get $one))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $ones)))
    (local.get $sum))

  ;; For every number: sum ← sum + term.
  (func (export "add") (param $sum i32) (param $term i32) (param $end i32)
    (block $fours_done
      (loop $fours
        (br_if $fours_done (i32.gt_u (i32.add (local.get $sum) (i32.const 16)) (local.get $end)))
        (v128.store (local.get $sum) (f32x4.add (v128.load (local.get $sum)) (v128.load (local.get $term))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 16)))
        (local.set $term (i32.add (local.get $term) (i32.const 16)))
        (br $fours)))
    (block $ones_done
      (loop $ones
        (br_if $ones_done (i32.ge_u (local.get $sum) (local.get $end)))
        (f32.store (local.get $sum) (f32.add (f32.load (local.get $sum)) (f32.load (local.get $term))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 4)))
        (local.set $term (i32.add (local.get $term) (i32.const 4)))
        (br $ones))))

  ;; With g = gradient · scale, for every number:
  ;;   m ← beta1·m + (1 − beta1)·g        v ← beta2·v + (1 − beta2)·g²
  ;;   p ← p·keep − step·m / (√v·correction + epsilon)
  ;; where step = rate / (1 − beta1ᵗ), correction = 1 / √(1 − beta2ᵗ), keep = 1 − rate·decay.
  (func (export "update")
    (param $p i32) (param $m i32) (param $v i32) (param $g i32) (param $g_end i32)
    (param $beta1 f32) (param $beta2 f32) (param $scale f32) (param $step f32) (param $correction f32) (param $epsilon f32) (param $keep f32)
    (local $g4 v128) (local $m4 v128) (local $v4 v128) (local $g1 f32) (local $m1 f32) (local $v1 f32)
    (local $rest1 f32) (local $rest2 f32)
    (local.set $rest1 (f32.sub (f32.const 1) (local.get $beta1)))
    (local.set $rest2 (f32.sub (f32.const 1) (local.get $beta2)))
    (block $fours_done
      (loop $fours
        (br_if $fours_done (i32.gt_u (i32.add (local.get $g) (i32.const 16)) (local.get $g_end)))
        (local.set $g4 (f32x4.mul (v128.load (local.get $g)) (f32x4.splat (local.get $scale))))
        (local.set $m4 (f32x4.add
          (f32x4.mul (v128.load (local.get $m)) (f32x4.splat (local.get $beta1)))
          (f32x4.mul (local.get $g4) (f32x4.splat (local.get $rest1)))))
        (local.set $v4 (f32x4.add
          (f32x4.mul (v128.load (local.get $v)) (f32x4.splat (local.get $beta2)))
          (f32x4.mul (f32x4.mul (local.get $g4) (local.get $g4)) (f32x4.splat (local.get $rest2)))))
        (v128.store (local.get $m) (local.get $m4))
        (v128.store (local.get $v) (local.get $v4))
        (v128.store (local.get $p) (f32x4.sub
          (f32x4.mul (v128.load (local.get $p)) (f32x4.splat (local.get $keep)))
          (f32x4.div
            (f32x4.mul (local.get $m4) (f32x4.splat (local.get $step)))
            (f32x4.add (f32x4.mul (f32x4.sqrt (local.get $v4)) (f32x4.splat (local.get $correction))) (f32x4.splat (local.get $epsilon))))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (br $fours)))
    (block $ones_done
      (loop $ones
        (br_if $ones_done (i32.ge_u (local.get $g) (local.get $g_end)))
        (local.set $g1 (f32.mul (f32.load (local.get $g)) (local.get $scale)))
        (local.set $m1 (f32.add (f32.mul (f32.load (local.get $m)) (local.get $beta1)) (f32.mul (local.get $g1) (local.get $rest1))))
        (local.set $v1 (f32.add
          (f32.mul (f32.load (local.get $v)) (local.get $beta2))
          (f32.mul (f32.mul (local.get $g1) (local.get $g1)) (local.get $rest2))))
        (f32.store (local.get $m) (local.get $m1))
        (f32.store (local.get $v) (local.get $v1))
        (f32.store (local.get $p) (f32.sub
          (f32.mul (f32.load (local.get $p)) (local.get $keep))
          (f32.div
            (f32.mul (local.get $m1) (local.get $step))
            (f32.add (f32.mul (f32.sqrt (local.get $v1)) (local.get $correction)) (local.get $epsilon)))))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (local.set $m (i32.add (local.get $m) (i32.const 4)))
        (local.set $v (i32.add (local.get $v) (i32.const 4)))
        (local.set $g (i32.add (local.get $g) (i32.const 4)))
        (br $ones)))))
