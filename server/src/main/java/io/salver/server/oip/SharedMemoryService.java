package io.salver.server.oip;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterResponse;
import io.salver.server.oip.proto.CudaSharedMemoryStatusRequest;
import io.salver.server.oip.proto.CudaSharedMemoryStatusResponse;
import io.salver.server.oip.proto.CudaSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryUnregisterResponse;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterResponse;
import io.salver.server.oip.proto.SystemSharedMemoryStatusRequest;
import io.salver.server.oip.proto.SystemSharedMemoryStatusResponse;
import io.salver.server.oip.proto.SystemSharedMemoryStatusResponse.RegionStatus;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterResponse;
import io.salver.server.sharedmemory.SharedMemoryRegion;
import io.salver.server.sharedmemory.SharedMemoryRegions;

/** The extensions for shared memory, of which there is none of a GPU. Thread-safe. */
final class SharedMemoryService {
  private final SharedMemoryRegions regions;

  SharedMemoryService(SharedMemoryRegions regions) {
    this.regions = regions;
  }

  SystemSharedMemoryStatusResponse status(SystemSharedMemoryStatusRequest request) {
    SystemSharedMemoryStatusResponse.Builder response =
        SystemSharedMemoryStatusResponse.newBuilder();
    for (SharedMemoryRegion region : regions.status(request.getName())) {
      response.putRegions(
          region.name(),
          RegionStatus.newBuilder()
              .setName(region.name())
              .setKey(region.key())
              .setOffset(region.offsetBytes())
              .setByteSize(region.sizeBytes())
              .build());
    }
    return response.build();
  }

  SystemSharedMemoryRegisterResponse register(SystemSharedMemoryRegisterRequest request) {
    regions.register(
        request.getName(), request.getKey(), request.getOffset(), request.getByteSize());
    return SystemSharedMemoryRegisterResponse.getDefaultInstance();
  }

  SystemSharedMemoryUnregisterResponse unregister(SystemSharedMemoryUnregisterRequest request) {
    if (request.getName().isEmpty()) {
      regions.unregisterAll();
    } else {
      regions.unregister(request.getName());
    }
    return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
  }

  CudaSharedMemoryStatusResponse cudaStatus(CudaSharedMemoryStatusRequest request) {
    if (!request.getName().isEmpty()) {
      throw new ServingException(
          Category.NOT_FOUND,
          "Unable to find cuda shared memory region: '" + request.getName() + "'");
    }
    return CudaSharedMemoryStatusResponse.getDefaultInstance();
  }

  CudaSharedMemoryRegisterResponse cudaRegister(CudaSharedMemoryRegisterRequest request) {
    throw new ServingException(
        Category.UNIMPLEMENTED,
        "failed to register CUDA shared memory region: '"
            + request.getName()
            + "', GPUs not supported");
  }

  CudaSharedMemoryUnregisterResponse cudaUnregister(CudaSharedMemoryUnregisterRequest request) {
    if (!request.getName().isEmpty()) {
      throw new ServingException(
          Category.UNIMPLEMENTED,
          "failed to unregister CUDA shared memory region: '"
              + request.getName()
              + "', GPUs not supported");
    }
    return CudaSharedMemoryUnregisterResponse.getDefaultInstance();
  }
}
