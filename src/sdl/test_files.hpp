// test_files.hpp: the deployment files that the tests of this room start from.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace sublet::sdl {

// Uses every section; each rule's test breaks one line of it.
inline constexpr std::string_view kFullFile = R"(version: "2.1"
services:
  web:
    image: nginx:alpine
    command: ["sh", "-c"]
    args: ["exec nginx && <x>"]
    env:
      - KEY=value
      - EMPTY
    expose:
      - port: 8080
        as: 80
        accept: [www.example.com]
        proto: TCP
        http_options:
          max_body_size: 2097152
          next_cases: ["off"]
          read_timeout: 1000
        to:
          - global: true
      - port: 9000
        to:
          - global: true
            ip: front
    dependencies:
      - service: db
    credentials:
      host: registry.example.com
      username: user
      password: secret
  db:
    image: postgres
    expose:
      - port: 5432
        proto: udp
        to:
          - service: web
    params:
      storage:
        data:
          mount: /var/lib/data
          readOnly: false
        shm:
          mount: /dev/shm
      permissions:
        read: [logs]
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
          attributes:
            arch: amd64
        memory:
          size: 512Mi
        storage:
          size: 1Gi
        gpu:
          units: 1
          attributes:
            vendor:
              nvidia:
                - model: a100
                  ram: 80Gi
                  interface: pcie
                - model: h100
    db:
      resources:
        cpu:
          units: "250m"
        memory:
          size: 1Gi
        storage:
          - size: 2Gi
          - name: data
            size: 10Gi
            attributes:
              persistent: true
              class: beta3
          - name: shm
            size: 64Mi
            attributes:
              persistent: false
              class: ram
  placement:
    east:
      attributes:
        region: us-east
        tier: 3
      signedBy:
        anyOf:
          - auditor
      pricing:
        web:
          denom: uact
          amount: 600
        db:
          denom: uact
          amount: "0.5"
deployment:
  web:
    east:
      profile: web
      count: 2
  db:
    east:
      profile: db
      count: 1
endpoints:
  front:
    kind: ip
reclamation:
  min_window: 2m
)";

// The file with one piece exchanged; the piece must be there.
inline std::string with(std::string_view from, std::string_view to) {
    std::string out(kFullFile);
    const std::size_t at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? out : out.replace(at, from.size(), to);
}

}  // namespace sublet::sdl
