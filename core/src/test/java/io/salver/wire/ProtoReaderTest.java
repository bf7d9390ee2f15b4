package io.salver.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {
  @Test
  void readsWhatTheWriterWrote() {
    long seed = 3;
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long varint = random.nextLong() >> random.nextInt(64);
      double real = random.nextDouble();
      String text = Integer.toString(random.nextInt(), 36);
      byte[] message =
          new ProtoWriter()
              .int64(1, varint)
              .float64(200_000, real)
              .message(3, new ProtoWriter().string(1, text).float32(2, (float) real))
              .packedInt64(4, varint, 1, -1)
              .toByteArray();
      ProtoReader reader = new ProtoReader(MemorySegment.ofArray(message));
      assertThat(reader.next()).isTrue();
      assertThat(reader.readInt64()).as("seed %d", seed).isEqualTo(varint);
      assertThat(reader.next()).isTrue();
      assertThat(reader.field()).isEqualTo(200_000);
      assertThat(reader.readDouble()).isEqualTo(real);
      assertThat(reader.next()).isTrue();
      long outer = reader.enter();
      assertThat(reader.next()).isTrue();
      assertThat(reader.readString()).isEqualTo(text);
      assertThat(reader.next()).isTrue();
      assertThat(reader.readFloat()).isEqualTo((float) real);
      assertThat(reader.next()).isFalse();
      reader.leave(outer);
      assertThat(reader.next()).isTrue();
      long list = reader.enter();
      assertThat(reader.readVarint()).isEqualTo(varint);
      reader.leave(list);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void brokenBytesAreRefusedOrPassedOverAndNeverReadBeyondTheEnd() {
    long seed = 5;
    Random random = new Random(seed);
    byte[] valid =
        new ProtoWriter()
            .int64(1, 300)
            .message(2, new ProtoWriter().string(1, "abc").float32(2, 1.5f))
            .float64(3, 2.5)
            .toByteArray();
    for (int i = 0; i < 100_000; i++) {
      byte[] broken = java.util.Arrays.copyOf(valid, random.nextInt(valid.length + 1));
      for (int flips = random.nextInt(4); flips > 0 && broken.length > 0; flips--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      try {
        walk(new ProtoReader(MemorySegment.ofArray(broken)), 0);
      } catch (WireFormatException expected) {
        assertThat(expected).hasMessageStartingWith("protobuf: ");
      }
    }
  }

  private static void walk(ProtoReader reader, int depth) {
    while (reader.next()) {
      if (reader.wireType() == ProtoReader.LENGTH_DELIMITED && depth < 3) {
        long outer = reader.enter();
        try {
          walk(reader, depth + 1);
        } finally {
          reader.leave(outer);
        }
      } else {
        reader.skip();
      }
    }
  }

  @Test
  void aLengthBeyondTheMessageIsRefusedWithBoth() {
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(new byte[] {0x0a, 0x05, 'a'}));
    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::readBytes)
        .isInstanceOf(WireFormatException.class)
        .hasMessage(
            "protobuf: 5 bytes at offset 2 (expected: at most 1, all that the message has left)");
  }

  @Test
  void aVarintOfMoreThanTenBytesIsRefused() {
    byte[] endless = new byte[20];
    java.util.Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> new ProtoReader(MemorySegment.ofArray(endless)).next())
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("at most 10 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0b00", "0b010c", "0b808080808001"})
  void tagsThatAreNoneAreRefusedInsideGroupsToo(String hex) {
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(HexFormat.of().parseHex(hex)));
    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::skip)
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("(expected: a field number >= 1)");
  }

  @Test
  void groupsNestedWithoutEndAreRefused() {
    byte[] groups = new byte[500_000];
    java.util.Arrays.fill(groups, (byte) 0x0b);
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(groups));
    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::skip)
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("nested deeper");
  }

  @Test
  void aFieldOfAnotherWireTypeIsRefused() {
    ProtoReader reader =
        new ProtoReader(MemorySegment.ofArray(new ProtoWriter().int64(1, 2).toByteArray()));
    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::readFloat).hasMessageContaining("wire type 0 of field 1");
  }
}
