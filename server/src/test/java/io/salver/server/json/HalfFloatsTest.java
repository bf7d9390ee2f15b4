package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleFunction;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  private static final int INFINITY_FLOAT16 = 0x7C00;
  private static final int INFINITY_BFLOAT16 = 0x7F80;

  @Test
  void everyFloat16AndTheNumbersAroundItAreRoundedToEven() {
    checkAll(INFINITY_FLOAT16, i -> Float.float16ToFloat((short) i), HalfFloats::toFloat16);
  }

  @Test
  void everyBfloat16AndTheNumbersAroundItAreRoundedToEven() {
    checkAll(INFINITY_BFLOAT16, i -> HalfFloats.fromBfloat16((short) i), HalfFloats::toBfloat16);
  }

  private static void checkAll(
      int infinity, IntToDoubleFunction value, DoubleFunction<Short> convert) {
    for (int bits = 0; bits + 1 < infinity; bits++) {
      double low = value.applyAsDouble(bits);
      double high = value.applyAsDouble(bits + 1);
      double half = (low + high) / 2;
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertThat(convert.apply(low).intValue()).isEqualTo(bits);
      assertThat(convert.apply(-low).intValue() & 0xFFFF).isEqualTo(bits | 0x8000);
      assertThat(convert.apply(half).intValue()).isEqualTo(even);
      assertThat(convert.apply(Math.nextUp(half)).intValue()).isEqualTo(bits + 1);
      assertThat(convert.apply(Math.nextDown(half)).intValue()).isEqualTo(bits);
    }
  }

  @Test
  void whatIsTooLargeBecomesInfinite() {
    assertThat(HalfFloats.toFloat16(65519.99)).isEqualTo((short) (INFINITY_FLOAT16 - 1));
    assertThat(HalfFloats.toFloat16(65520)).isEqualTo((short) INFINITY_FLOAT16);
    assertThat(HalfFloats.toFloat16(1e300)).isEqualTo((short) INFINITY_FLOAT16);
    assertThat(HalfFloats.toBfloat16(3.3961e38)).isEqualTo((short) (INFINITY_BFLOAT16 - 1));
    assertThat(HalfFloats.toBfloat16(3.4028235e38)).isEqualTo((short) INFINITY_BFLOAT16);
    assertThat(HalfFloats.toBfloat16(1e300)).isEqualTo((short) INFINITY_BFLOAT16);
    assertThat(HalfFloats.toBfloat16(Double.NEGATIVE_INFINITY))
        .isEqualTo((short) (0x8000 | INFINITY_BFLOAT16));
  }

  @Test
  void notANumberStaysSo() {
    assertThat(Float.float16ToFloat(HalfFloats.toFloat16(Double.NaN))).isNaN();
    assertThat(HalfFloats.fromBfloat16(HalfFloats.toBfloat16(Double.NaN))).isNaN();
  }
}
