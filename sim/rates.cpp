// rates.cpp: rule 6 of docs/spec/market.md with fractions.
#include "rates.hpp"

#include <algorithm>

namespace sublet::sim {

using properties::Fraction;
using properties::fraction;

properties::Wide rate_of(const market::GroupSpec& group, const market::PriceVector& price) {
    const Fraction gib = fraction(properties::Wide{1} << 30U);
    Fraction sum = 0;
    for (const market::ResourceUnit& unit : group.units) {
        Fraction memory = fraction(unit.memory_bytes) / gib;
        Fraction storage = 0;
        for (const market::Volume& volume : unit.volumes) {
            (volume.storage_class == "ram" ? memory : storage) += fraction(volume.bytes) / gib;
        }
        const Fraction one = fraction(unit.cpu_milli) * fraction(price.cpu_core) / 1'000 +
                             memory * fraction(price.memory_gib) + storage * fraction(price.storage_gib) +
                             fraction(unit.gpu_units) * fraction(price.gpu);
        sum += one * fraction(unit.count);
    }
    return std::max(properties::Wide{1}, properties::ceil_of(sum));
}

properties::Wide highest_rate(const market::GroupSpec& group) {
    properties::Wide sum = 0;
    for (const market::ResourceUnit& unit : group.units) {
        sum += properties::Wide{unit.count} * properties::Wide{unit.max_rate.value()};
    }
    return sum;
}

}  // namespace sublet::sim
