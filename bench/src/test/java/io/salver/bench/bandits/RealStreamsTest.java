package io.salver.bench.bandits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.testkit.cases.SharedTestData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bandits and ensembles on the streams of real data. */
class RealStreamsTest {
  private static final int SEEDS = 5;

  @Test
  void banditsRecoverAfterTheBestModelDegrades() throws IOException {
    for (RewardStream stream : RewardStream.real(testData())) {
      double[] chance = stream.meanRegret("random", Map.of(), SEEDS);
      for (String algorithm : List.of("exp3", "exp4", "thompson", "linucb")) {
        double[] regret = stream.meanRegret(algorithm, Map.of(), SEEDS);
        int end = regret.length - 1;
        int lastFifth = regret.length - regret.length / 5;
        String what = stream.name() + ", " + algorithm;
        assertThat(regret[end]).as(what).isLessThan(0.7 * chance[end]);
        // Long after, it loses far less than what a model at random would.
        assertThat(regret[end] - regret[lastFifth])
            .as(what)
            .isLessThan(0.6 * (chance[end] - chance[lastFifth]));
      }
    }
  }

  @Test
  void ensemblesAreBetterThanTheirBestMember() throws IOException {
    List<Ensembles.Accuracy> all = Ensembles.all(testData());
    assertThat(all).hasSizeGreaterThanOrEqualTo(2);
    assertThat(all)
        .allSatisfy(accuracy -> {
          assertThat(accuracy.mean()).isGreaterThan(accuracy.bestMember());
          assertThat(accuracy.majority()).isGreaterThan(accuracy.bestMember());
          assertThat(accuracy.weighted()).isGreaterThan(accuracy.bestMember());
        });
  }

  private static Path testData() {
    Optional<Path> found = SharedTestData.find();
    assumeTrue(found.isPresent(), SharedTestData.whyAbsent());
    return found.get();
  }
}
