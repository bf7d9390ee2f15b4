package io.salver.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.source.Digest.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DigestTest {
  @TempDir Path temporary;

  /** The check values of the catalogues: what each makes of the digits 1 to 9. */
  @ParameterizedTest
  @CsvSource({
    "CRC64NVME, ae8b14860a799888",
    "CRC32C, e3069283",
    "CRC32, cbf43926",
    "MD5, 25f9e794323b453885f5181f1b624d0b",
    "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
  })
  void eachHasItsCheckValue(Kind kind, String hex) throws Exception {
    Path file = Files.writeString(temporary.resolve("check"), "123456789", StandardCharsets.UTF_8);
    assertThat(Digest.of(kind, file)).isEqualTo(new Digest(kind, hex));
  }

  @Test
  void eightBytesAtOnceAreTheSameAsOneByOne() {
    Random random = new Random(7);
    for (int length = 0; length < 200; length++) {
      byte[] bytes = new byte[length + 3];
      random.nextBytes(bytes);
      Crc64Nvme fast = new Crc64Nvme();
      fast.update(bytes, 3, length);
      Crc64Nvme simple = new Crc64Nvme();
      for (int i = 3; i < bytes.length; i++) {
        simple.update(bytes[i]);
      }
      assertThat(fast.getValue()).as("length %d, seed 7", length).isEqualTo(simple.getValue());
    }
  }
}
