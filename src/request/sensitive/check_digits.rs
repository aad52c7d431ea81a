//! Check digits of card and account numbers.

/// The sum of the digits of a card number, of which every second one from the right is doubled (ISO/IEC 7812): a multiple
/// of 10 for a valid number. Other letters do not count.
pub fn luhn_sum(number: &str) -> u32 {
    let digits = number.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    digits.map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }).sum()
}

/// The remainder by 97 of an account number whose first four letters stand at its end (ISO 7064, MOD 97-10): 1 for a valid
/// number.
pub fn iban_remainder(rearranged: &str) -> u32 {
    rearranged.chars().fold(0, |rest, letter| {
        let value = letter.to_digit(36).unwrap_or_default();
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    })
}
