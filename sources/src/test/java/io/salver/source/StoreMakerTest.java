package io.salver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.testkit.FakeClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StoreMakerTest {
  private final FakeClock clock = new FakeClock();
  private final AtomicInteger made = new AtomicInteger();

  @Test
  void aFailureHoldsForAWhile() {
    StoreMaker maker =
        new StoreMaker(
            () -> {
              made.incrementAndGet();
              throw new StoreException("stores.s3: no region");
            },
            clock::nanoTime);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(maker::get).hasMessage("stores.s3: no region");
      clock.advance(Duration.ofSeconds(19));
    }
    assertThat(made).hasValue(1);
    clock.advance(Duration.ofSeconds(4));
    assertThatThrownBy(maker::get).hasMessage("stores.s3: no region");
    assertThat(made).hasValue(2);
  }

  @Test
  void whatIsMadeIsKept() throws Exception {
    try (StoreMaker maker =
        new StoreMaker(
            () -> {
              made.incrementAndGet();
              return new HttpStore(HttpOptions.DEFAULT);
            },
            clock::nanoTime)) {
      assertThat(maker.get()).isSameAs(maker.get());
      assertThat(made).hasValue(1);
    }
  }
}
