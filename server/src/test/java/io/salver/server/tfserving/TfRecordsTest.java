package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TfRecordsTest {
  @Test
  void writesTheFramesThatTensorFlowWrites() {
    // Length 0: both checksums are of fixed bytes. CRC-32C of eight zeros is 8c28b28a (RFC 3720's
    // polynomial), of nothing 0.
    assertThat(HexFormat.of().formatHex(TfRecords.frame(new byte[0])))
        .isEqualTo("0000000000000000" + "29039807" + "d8ea82a2");
  }

  @Test
  void readsWhatItWrites() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      byte[][] records = new byte[random.nextInt(5)][];
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      for (int i = 0; i < records.length; i++) {
        records[i] = new byte[random.nextInt(300)];
        random.nextBytes(records[i]);
        file.writeBytes(TfRecords.frame(records[i]));
      }
      TfRecords.Reader reader = reader(file.toByteArray());
      for (byte[] record : records) {
        assertThat(reader.next()).as("seed %d", seed).isEqualTo(record);
      }
      assertThat(reader.next()).as("seed %d", seed).isNull();
    }
  }

  @Test
  void refusesEveryTruncationAndEveryFlippedBit() {
    byte[] file = TfRecords.frame("record".getBytes(StandardCharsets.UTF_8));
    for (int length = 1; length < file.length; length++) {
      TfRecords.Reader cut = reader(Arrays.copyOf(file, length));
      assertThatThrownBy(cut::next).hasMessage("truncated record at 0");
    }
    for (int bit = 0; bit < 8 * file.length; bit++) {
      byte[] flipped = file.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      TfRecords.Reader broken = reader(flipped);
      assertThatThrownBy(broken::next)
          .as("bit %d", bit)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("corrupted record at 0: ");
    }
  }

  private static TfRecords.Reader reader(byte[] file) {
    return new TfRecords.Reader(new ByteArrayInputStream(file));
  }
}
