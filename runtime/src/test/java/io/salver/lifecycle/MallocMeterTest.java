package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.tensor.NativeMemory;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MallocMeterTest {
  private long bytes;
  private final MallocMeter meter = new MallocMeter(() -> bytes);

  @Test
  void measuresWhatWasAllocatedAndNotFreed() {
    MallocMeter.Start start = meter.begin();
    bytes += 70;
    bytes -= 20;
    assertThat(meter.end(start)).hasValue(50);
    assertThat(meter.end(meter.begin())).isEmpty();
  }

  @Test
  void measuresNothingBesideAnotherLoadOrUnloadThatTookLong() {
    MallocMeter.Start first = meter.begin();
    MallocMeter.Start second = meter.begin();
    bytes += 10;
    assertThat(meter.end(first)).isEmpty();
    MallocMeter.Start third = meter.begin();
    bytes += 10;
    assertThat(meter.end(second)).isEmpty();
    assertThat(meter.end(third)).isEmpty();

    MallocMeter.Start fourth = meter.begin();
    bytes += 10;
    assertThat(meter.end(fourth)).hasValue(10);
  }

  @Test
  void seesWhatTheLibraryAllocates() {
    assumeTrue(
        Linker.nativeLinker().defaultLookup().find("mallinfo2").isPresent(),
        "the C library has no mallinfo2");
    MallocMeter real = new MallocMeter();
    MallocMeter.Start start = real.begin();
    MemorySegment memory = NativeMemory.allocate(64 << 20);
    assertThat(real.end(start).orElseThrow()).isBetween(60L << 20, 80L << 20);
    NativeMemory.free(memory);
  }
}
