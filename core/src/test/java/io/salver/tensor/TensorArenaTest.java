package io.salver.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorArenaTest {
  private static final long LIMIT_BYTES = 64 << 20;

  @Test
  void segmentsAreAlignedApartAndOfTheSizeAsked() {
    long seed = 7;
    Random random = new Random(seed);
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      for (int round = 0; round < 200; round++) {
        try (TensorArena arena = pool.take()) {
          List<MemorySegment> segments = new ArrayList<>();
          for (int i = 0; i < random.nextInt(1, 20); i++) {
            segments.add(arena.allocate(random.nextInt(20_000)));
            segments.getLast().fill((byte) i);
          }
          for (int i = 0; i < segments.size(); i++) {
            MemorySegment segment = segments.get(i);
            assertThat(segment.address() % 64).as("seed %d", seed).isZero();
            assertThat(segment.mismatch(MemorySegment.ofArray(filled(segment.byteSize(), i))))
                .as("seed %d", seed)
                .isEqualTo(-1);
          }
        }
      }
    }
  }

  private static byte[] filled(long size, int value) {
    byte[] bytes = new byte[(int) size];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void nothingIsLeftWhenPoolAndArenasAreClosed() {
    long before = NativeMemory.liveBytes();
    ArenaPool pool = new ArenaPool(LIMIT_BYTES);
    TensorArena open = pool.take();
    for (int i = 0; i < 100; i++) {
      try (TensorArena arena = pool.take()) {
        var unused = arena.allocate(1L << i % 24);
      }
    }
    pool.close();
    open.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(before);
  }

  @Test
  void anArenaThatWasOutgrownIsLargerNextTime() {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      try (TensorArena arena = pool.take()) {
        var unused = arena.allocate(600_000);
      }
      long before = NativeMemory.liveBytes();
      try (TensorArena arena = pool.take()) {
        var unused = arena.allocate(600_000);
        assertThat(NativeMemory.liveBytes()).isEqualTo(before);
      }
    }
  }

  @Test
  void aHugeRequestDoesNotMakeTheArenaHugeForEver() {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      try (TensorArena arena = pool.take()) {
        var unused = arena.allocate(32 << 20);
      }
      assertThat(NativeMemory.liveBytes()).isLessThan(8 << 20);
    }
  }

  @Test
  void moreThanTheLimitIsRefusedBeforeItIsAllocated() {
    try (ArenaPool pool = new ArenaPool(1_000);
        TensorArena arena = pool.take()) {
      var unused = arena.allocate(700);
      assertThatThrownBy(() -> arena.allocate(400))
          .isInstanceOf(MemoryLimitException.class)
          .hasMessage(
              "tensor memory: 400 bytes beside 704 in use (expected: at most 1000 in one request)")
          .isInstanceOfSatisfying(
              MemoryLimitException.class, e -> assertThat(e.isPassing()).isFalse());
      assertThatThrownBy(() -> arena.allocate(Long.MAX_VALUE))
          .isInstanceOf(MemoryLimitException.class);
      assertThatThrownBy(() -> arena.allocate(DType.FLOAT64, Shape.of(1L << 40)))
          .isInstanceOf(MemoryLimitException.class);
    }
  }

  @Test
  void allRequestsTogetherMayTakeNoMoreThanTheBudget() {
    MemoryBudget budget = new MemoryBudget(1 << 20);
    try (ArenaPool one = new ArenaPool(LIMIT_BYTES, budget);
        ArenaPool other = new ArenaPool(LIMIT_BYTES, budget)) {
      try (TensorArena first = one.take();
          TensorArena second = other.take()) {
        var unused = first.allocate(900_000);
        assertThatThrownBy(() -> second.allocate(200_000))
            .isInstanceOfSatisfying(
                MemoryLimitException.class, e -> assertThat(e.isPassing()).isTrue())
            .hasMessageContaining("200000 bytes")
            .hasMessageContaining("in all requests together");
      }
      assertThat(budget.usedBytes()).isZero();
      try (TensorArena again = other.take()) {
        assertThat(again.allocate(200_000).byteSize()).isEqualTo(200_000);
      }
    }
  }

  @Test
  void whatHangsOnTheArenaIsReleasedOnceWhenItCloses() {
    List<String> released = new ArrayList<>();
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      try (TensorArena arena = pool.take()) {
        arena.onClose(() -> released.add("a"));
        arena.onClose(() -> released.add("b"));
      }
      try (TensorArena again = pool.take()) {
        assertThat(again.usedBytes()).isZero();
      }
    }
    assertThat(released).containsExactly("a", "b");
  }

  @Test
  void aStringTensorHoldsEveryElementWhateverItsLength() {
    long seed = 11;
    Random random = new Random(seed);
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      for (int round = 0; round < 200; round++) {
        try (TensorArena arena = pool.take()) {
          StringTensorBuilder builder = new StringTensorBuilder(arena, random.nextInt(4), 0);
          List<byte[]> expected = new ArrayList<>();
          for (int i = 0; i < random.nextInt(50); i++) {
            byte[] element = new byte[random.nextInt(100)];
            random.nextBytes(element);
            expected.add(element);
            builder.add(element);
          }
          Tensor tensor = builder.build(Shape.of(expected.size()));
          for (int i = 0; i < expected.size(); i++) {
            assertThat(tensor.getString(i).mismatch(MemorySegment.ofArray(expected.get(i))))
                .as("seed %d, element %d", seed, i)
                .isEqualTo(-1);
          }
        }
      }
    }
  }

  @Test
  void aTensorWhoseMemoryHasAnotherSizeIsRefused() {
    assertThatThrownBy(
            () -> Tensor.of(DType.INT32, Shape.of(2, 2), MemorySegment.ofArray(new byte[15])))
        .hasMessage("data: 15 bytes (expected: 16 for INT32[2,2])");
    assertThatThrownBy(() -> Tensor.sizeBytes(DType.FLOAT64, Shape.of(1L << 61)))
        .hasMessageContaining("below 2^63");
    assertThatThrownBy(() -> Tensor.sizeBytes(DType.FLOAT32, Shape.of(-1)))
        .hasMessageContaining("concrete");
  }
}
