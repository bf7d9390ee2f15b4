package io.salver.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void aScalarHasOneElementAndNoDimensions() {
    assertThat(Shape.of()).isSameAs(Shape.SCALAR);
    assertThat(Shape.SCALAR.elementCount()).isEqualTo(1);
    assertThat(Shape.SCALAR.rank()).isZero();
    assertThat(Shape.SCALAR).hasToString("[]");
  }

  @Test
  void elementCountIsTheExactProductOrARefusal() {
    long seed = 42;
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long[] dims = random.longs(random.nextInt(5), 0, 1L << random.nextInt(1, 40)).toArray();
      BigInteger product =
          Arrays.stream(dims)
              .mapToObj(BigInteger::valueOf)
              .reduce(BigInteger.ONE, BigInteger::multiply);
      if (product.bitLength() <= 63) {
        assertThat(Shape.of(dims).elementCount())
            .as("seed %d, %s", seed, Arrays.toString(dims))
            .isEqualTo(product.longValue());
      } else {
        assertThatThrownBy(() -> Shape.of(dims)).hasMessageContaining("below 2^63");
      }
    }
  }

  @Test
  void aZeroMakesTheCountZeroHoweverLargeTheRest() {
    assertThat(Shape.of(1L << 62, 1L << 62, 0).elementCount()).isZero();
  }

  @Test
  void anUnknownDimensionMakesTheCountUnknown() {
    Shape shape = Shape.of(-1, 3);
    assertThat(shape.isConcrete()).isFalse();
    assertThat(shape.elementCount()).isEqualTo(-1);
    assertThat(shape.isRankKnown()).isTrue();
  }

  @Test
  void aDimensionBelowMinusOneIsRefusedWithItsValue() {
    assertThatThrownBy(() -> Shape.of(2, -7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension: -7 in [2, -7] (expected: >= 0, or -1)");
  }

  @Test
  void aPartialShapeAcceptsWhatItsKnownDimensionsAllow() {
    assertThat(Shape.of(-1, 3).accepts(Shape.of(5, 3))).isTrue();
    assertThat(Shape.of(-1, 3).accepts(Shape.of(5, 4))).isFalse();
    assertThat(Shape.of(-1, 3).accepts(Shape.of(3))).isFalse();
    assertThat(Shape.UNKNOWN_RANK.accepts(Shape.of(1, 2, 3))).isTrue();
    assertThat(Shape.SCALAR.accepts(Shape.UNKNOWN_RANK)).isFalse();
  }

  @Test
  void unknownRankIsNotAScalar() {
    assertThat(Shape.UNKNOWN_RANK).isNotEqualTo(Shape.SCALAR);
    assertThat(Shape.UNKNOWN_RANK.isConcrete()).isFalse();
  }
}
