package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.EvictionPolicy.Resident;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionPolicyTest {
  private static final List<Resident> RESIDENTS =
      List.of(
          new Resident("new", 10, 900), new Resident("old", 20, 100), new Resident("mid", 5, 500));

  @Test
  void theLeastRecentlyUsedGoFirstAndNoMoreThanAreNeeded() {
    assertThat(chosen(0)).isEmpty();
    assertThat(chosen(1)).containsExactly("old");
    assertThat(chosen(20)).containsExactly("old");
    assertThat(chosen(21)).containsExactly("old", "mid");
    assertThat(chosen(26)).containsExactly("old", "mid", "new");
    assertThat(chosen(1_000)).containsExactly("old", "mid", "new");
  }

  @Test
  void theClockMayBeginAnywhere() {
    List<Resident> aroundOverflow =
        List.of(
            new Resident("old", 1, Long.MAX_VALUE - 5), new Resident("new", 1, Long.MIN_VALUE + 5));
    assertThat(EvictionPolicy.choose(aroundOverflow, 1, Long.MIN_VALUE + 10))
        .extracting(Resident::model)
        .containsExactly("old");
  }

  private static List<String> chosen(long bytes) {
    return EvictionPolicy.choose(RESIDENTS, bytes, 1_000).stream().map(Resident::model).toList();
  }
}
