package io.salver.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room that several downloads share. */
class QuotaTest {
  @TempDir Path root;

  private Quota quota(long limitBytes) {
    return new Quota(root, limitBytes, _ -> Long.MAX_VALUE, _ -> {});
  }

  @Test
  void whatOneWasPromisedAnotherDoesNotGet() throws Exception {
    Quota quota = quota(100);
    Quota.Claim second = quota.claim(root.resolve("2"));
    try (Quota.Claim first = quota.claim(root.resolve("1"))) {
      first.cover(60);
      first.take(20);
      Path unused = Files.write(root.resolve("written"), new byte[20]);
      assertThatThrownBy(() -> second.cover(41)).isInstanceOf(StoreException.NoRoom.class);
      second.cover(40);
    }
    second.cover(80);
    second.close();
  }

  @Test
  void thePromisesOfTheDiskAreKeptToo() throws Exception {
    Quota quota = new Quota(root, Long.MAX_VALUE, _ -> (64 << 20) + 100, _ -> {});
    try (Quota.Claim first = quota.claim(root.resolve("1"));
        Quota.Claim second = quota.claim(root.resolve("2"))) {
      first.cover(60);
      assertThatThrownBy(() -> second.cover(41))
          .isInstanceOf(StoreException.NoRoom.class)
          .hasMessageContaining("is full");
      second.take(40);
    }
  }

  @Test
  void roomIsMadeBeforeItIsRefused() throws Exception {
    Path idle = Files.write(root.resolve("idle"), new byte[80]);
    Quota quota = new Quota(root, 100, _ -> Long.MAX_VALUE, _ -> Files.deleteIfExists(idle));
    try (Quota.Claim claim = quota.claim(root.resolve("1"))) {
      claim.cover(100);
      assertThatThrownBy(() -> claim.take(101)).isInstanceOf(StoreException.NoRoom.class);
    }
  }
}
