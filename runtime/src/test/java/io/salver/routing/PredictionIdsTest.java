package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PredictionIdsTest {
  private final PredictionIds ids = new PredictionIds(key(1));

  private static byte[] key(int seed) {
    byte[] key = new byte[SipHash.KEY_BYTES];
    new Random(seed).nextBytes(key);
    return key;
  }

  private String encode(Prediction prediction) {
    return ids.encode(ids.endpointHash(prediction.endpoint()), prediction);
  }

  private static Prediction prediction(Random random) {
    float[] context = new float[random.nextInt(5)];
    int[] members = new int[random.nextInt(5)];
    for (int i = 0; i < context.length; i++) {
      context[i] = random.nextFloat();
    }
    for (int i = 0; i < members.length; i++) {
      members[i] = random.nextInt();
    }
    Label label =
        switch (random.nextInt(4)) {
          case 0 -> null;
          case 1 -> new Label.Name("été " + random.nextInt());
          case 2 -> new Label.Index(random.nextLong());
          default -> new Label.Number(random.nextDouble());
        };
    return new Prediction(
        "e",
        random.nextInt(Integer.MAX_VALUE),
        random.nextLong(),
        random.nextInt(),
        random.nextLong(Long.MAX_VALUE),
        random.nextFloat(),
        label,
        context,
        members);
  }

  @Test
  void comesBackAsItWent() {
    Random random = new Random(5);
    for (int i = 0; i < 1000; i++) {
      Prediction prediction = prediction(random);
      Prediction read = ids.decode("e", encode(prediction)).orElseThrow();
      assertThat(read).usingRecursiveComparison().isEqualTo(prediction);
    }
  }

  @Test
  void nobodyElseMakesOne() {
    Random random = new Random(6);
    String id = encode(prediction(random));
    assertThat(ids.decode("other", id)).isEmpty();
    assertThat(new PredictionIds(key(2)).decode("e", id)).isEmpty();
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = id.getBytes(StandardCharsets.ISO_8859_1);
      int at = random.nextInt(bytes.length - 1);
      byte other = (byte) ('A' + random.nextInt(26));
      if (bytes[at] != other) {
        bytes[at] = other;
        assertThat(ids.decode("e", new String(bytes, StandardCharsets.ISO_8859_1))).isEmpty();
      }
    }
    for (String bad : new String[] {"", "A", "%%%", "A".repeat(5000), id.substring(4)}) {
      assertThat(ids.decode("e", bad)).isEmpty();
    }
  }

  @Test
  void sipHashIsThePublishedOne() {
    byte[] key = new byte[16];
    byte[] message = new byte[15];
    for (int i = 0; i < 16; i++) {
      key[i] = (byte) i;
    }
    for (int i = 0; i < 15; i++) {
      message[i] = (byte) i;
    }
    assertThat(new SipHash(key).hash(message, 15)).isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void aLatencyComesBackWithinItsBucket() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      long ns = (long) (1000 * Math.pow(2, random.nextDouble() * 31));
      double middle = LatencyCounts.lowerNs(LatencyCounts.bucket(ns) + 0.5);
      assertThat(Math.abs(middle - ns) / ns).as("%d ns", ns).isLessThan(0.011);
    }
    assertThat(LatencyCounts.bucket(0)).isZero();
    assertThat(LatencyCounts.bucket(Long.MAX_VALUE)).isEqualTo(LatencyCounts.BUCKETS - 1);
  }
}
