package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServedVersionTest {
  private final HalfPlusTwo model = new HalfPlusTwo();
  private final ModelVersion id = new ModelVersion("m", 1);
  private final ServedVersion version =
      new ServedVersion(id, "fake", model, new InlineRunner(id, model));
  private final AtomicInteger unused = new AtomicInteger();

  private ModelLease lease() {
    return Objects.requireNonNull(version.tryLease());
  }

  @Test
  void retiringAnUnusedVersionTellsAtOnce() {
    version.retire(unused::incrementAndGet);
    assertThat(unused).hasValue(1);
  }

  @Test
  void retiringAUsedVersionTellsWhenTheLastLeaseIsClosed() {
    ModelLease first = lease();
    ModelLease second = lease();
    version.retire(unused::incrementAndGet);
    first.close();
    assertThat(version.leases()).isEqualTo(1);
    assertThat(unused).hasValue(0);
    second.close();
    assertThat(unused).hasValue(1);
  }

  @Test
  void nobodyLeasesARetiredVersionAndTryingTellsNothing() {
    ModelLease lease = lease();
    version.retire(unused::incrementAndGet);
    assertThat(version.tryLease()).isNull();
    assertThat(unused).hasValue(0);
    lease.close();
    assertThat(version.tryLease()).isNull();
    assertThat(unused).hasValue(1);
    assertThat(version.leases()).isZero();
  }

  @Test
  void aLeaseIsClosedOnce() {
    ModelLease lease = lease();
    ModelLease other = lease();
    lease.close();
    assertThatThrownBy(lease::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("lease of m/1 closed twice");
    assertThat(version.leases()).isEqualTo(1);
    other.close();
  }

  @Test
  void leasesRacingWithRetirementAreAllHonouredAndItTellsOnce() throws InterruptedException {
    for (int round = 0; round < 1_000; round++) {
      race(round);
    }
  }

  private static void race(int round) throws InterruptedException {
    HalfPlusTwo model = new HalfPlusTwo();
    ModelVersion id = new ModelVersion("m", round);
    ServedVersion version = new ServedVersion(id, "fake", model, new InlineRunner(id, model));
    AtomicInteger closed = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> users = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      users.add(Thread.ofPlatform().start(() -> use(version, model, go, wrong)));
    }
    go.countDown();
    version.retire(() -> {
      closed.incrementAndGet();
      version.close();
    });
    for (Thread user : users) {
      user.join();
    }
    assertThat(wrong).as("round " + round).hasValue(0);
    assertThat(closed).as("round " + round).hasValue(1);
  }

  private static void use(
      ServedVersion version, HalfPlusTwo model, CountDownLatch go, AtomicInteger wrong) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    for (int i = 0; i < 50; i++) {
      ModelLease lease = version.tryLease();
      if (lease == null) {
        continue;
      }
      if (model.isClosed()) {
        wrong.incrementAndGet();
      }
      lease.close();
    }
  }
}
